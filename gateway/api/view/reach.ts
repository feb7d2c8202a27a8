/** What could be reached by whoever holds an agent, a server or a credential. */
export interface ReachView {
  /** Of a server or a credential: what it has of its own, whatever the gateway decides. */
  readonly holds?: readonly {
    readonly server: string;
    readonly segment: string;
    readonly credentials: readonly string[];
  }[];
  /** The agent, or those that listen to the server. */
  readonly agents: readonly ReachedBy[];
}

export interface ReachedBy {
  readonly agent: string;
  readonly task: string;
  readonly kind: string;
  /** Absent: the task has not acted, and may begin in any one segment. */
  readonly standsIn?: readonly string[];
  readonly segments: readonly {
    readonly segment: string;
    /** No step into another segment is needed. */
    readonly here: boolean;
    readonly servers: readonly {
      readonly id: string;
      readonly credentials: readonly string[];
      readonly tools: readonly ReachedTool[];
    }[];
  }[];
}

export interface ReachedTool {
  readonly tool: string;
  /** `depends`: a rule looks at the arguments, and cannot be settled without them. */
  readonly reach: 'free' | 'ask' | 'depends' | 'no';
  readonly rules: readonly string[];
}
