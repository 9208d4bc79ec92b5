// "Too many failed logins" is about the credential, and no reason to come back with it.
const WHO =
  '(?:(?!failed|unsuccessful|invalid|bad|wrong|incorrect)[\\w-]+ ){0,2}(?:connections|sessions|logins|users|clients)';
const BUSY = new RegExp(
  [
    // OpenSSH, `drop_connection` in sshd.c
    'exceeded maxstartups',
    `(?:too many|max(?:imum)?(?: number of)?|no more|no free) ${WHO}`,
    '(?:connection|session)s? limit',
    'too busy',
  ].join('|'),
  'i'
);
// OpenSSH 9.8 and later, the same place
const PENALTY = /not allowed at this time/i;

/**
 * What a refusal says in so many words, before the login: that the server has too many connections, or that it
 * penalises this address. Appliances have their own words for the former.
 */
export function recogniseRefusal(text: string): 'SshServerBusy' | 'SshServerPenalty' | undefined {
  if (PENALTY.test(text)) return 'SshServerPenalty';
  return BUSY.test(text) ? 'SshServerBusy' : undefined;
}

/** What happened, as a clause that follows the host. */
export const REFUSAL_TEXT = {
  SshServerBusy: 'is too busy for another connection',
  SshServerPenalty: 'refuses this address for now',
} as const;
