/** An argument that says who is meant: nobody is made up. */
export function saysWhom(argument: string): boolean {
  return whom.test(argument) || humped.test(argument);
}

/** `delegateTo`, `handOverTo[0]` */
const humped = /[a-z](?:To|Cc|Bcc|Who|Whom)(?:\[|$)/;

const whom =
  /(?:^|[_.])(?:to|cc|bcc|who|whom)(?:\[|$)|recipient|attendee|participant|invitee|guest|payee|beneficiary|receiver|member|collaborator|subscriber|addressee|follower|user|person|contact|assignee|reviewer|owner|login|account|handle/i;
