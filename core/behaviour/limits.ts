/** What is kept of one agent, and of all, so that memory is bounded whatever is done. The least recent goes first. */
export const behaviourLimits = {
  /** Agents with a baseline. */
  agentsMax: 1_024,
  /** Kinds of task of one agent. */
  kindsMax: 32,
  /** Of one kind of task of one agent. */
  toolsMax: 512,
  ordersMax: 2_048,
  destinationsMax: 2_048,
  /** Of one task while it runs. */
  courseToolsMax: 256,
  courseOrdersMax: 512,
  courseDestinationsMax: 256,
  /** Open tasks that are watched; one that is forgotten teaches nothing. */
  coursesMax: 2_048,
  /** Decisions that wait for their outcome. */
  pendingMax: 8_192,
  /** Tasks whose findings are kept. */
  findingsMax: 256,
} as const;
