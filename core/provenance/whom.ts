/** An argument that says who is meant: nobody is made up. */
export function saysWhom(argument: string): boolean {
  return whom.test(argument);
}

const whom =
  /(?:^|[_.])(?:to|cc|bcc|who|whom)(?:\[|$)|recipient|attendee|participant|invitee|guest|payee|beneficiary|receiver|member|collaborator|subscriber|addressee|follower|user|person|contact|assignee|reviewer|owner|login|account|handle/i;
