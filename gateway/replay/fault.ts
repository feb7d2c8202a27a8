/** Why nothing can be replayed at all: policies, tools or a file that cannot be read. The message is for people. */
export class ReplayFault extends Error {
  override readonly name = 'ReplayFault';
}
