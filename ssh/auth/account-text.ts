// What PAM modules, shadow suites and directory services say (pam_unix, SSSD, pam_ldap, Kerberos). A warning that a
// password *will* expire is no refusal.
const PASSWORD_EXPIRED =
  /(?:password|passwd|token)s?\b(?![^.]{0,20}\b(?:will|may|can|could)\b)[^.]{0,40}\b(?:has |have |is |was )?(?:expired|aged|too old)\b|(?:required|need|have|must|forced)[^.]{0,20} change (?:your |the )?(?:\w+ )?password|password change required/i;
const ACCOUNT_CLOSED =
  /\b(?:account|login)\b(?![^.]{0,20}\b(?:will|may|can|could)\b)[^.]{0,40}\b(?:expired|locked|disabled|deactivated|suspended|not available)\b|account expiration/i;

// Nothing of ours may ever answer these: it would become the new password, or be shown to be the old one.
const CHANGE_PROMPT =
  /\b(?:new|retype|re-?enter|repeat|confirm)\b.{0,40}\bpassword|\(?\bcurrent\b\)?.{0,20}\bpassword|\bold password|password.{0,20}\b(?:again|change)\b/i;

// "Password:", "Password for deploy@web-1:", "deploy@web-1's password:", "UNIX password:"; but not "One-time password".
const PASSWORD_PROMPT =
  /^(?:\([^()]{1,128}\) ?)?(?:\S{1,128}'s |(?:(?:enter|please|your|the|unix|ldap|ad|sssd|kerberos|login|system|account) ){0,4})password(?: for \S{1,128})? ?:?$/i;

// Legal banners tell of what may happen to any account: "If your account is locked, call ...", "Password expired? See ...".
const IN_GENERAL = /\b(?:if|when|whenever|once|should|in case|unless|every|outside|after \d+)\b|\?/i;

/** What a text says of this very login, without what it tells everybody. */
function ofThisLogin(text: string): string {
  const sentences = text.match(/[^.!?;]+[.!?;]*/g) ?? [];
  return sentences.filter((sentence) => !IN_GENERAL.test(sentence)).join(' ');
}

/** Whether the server says that the password must be changed before this user gets in. */
export function saysPasswordExpired(text: string): boolean {
  return PASSWORD_EXPIRED.test(ofThisLogin(text));
}

/** Whether the server says that the account itself is expired, locked or switched off. */
export function saysAccountClosed(text: string): boolean {
  return ACCOUNT_CLOSED.test(ofThisLogin(text));
}

/** Whether a prompt belongs to a change of the password. */
export function isPasswordChangePrompt(prompt: string): boolean {
  return CHANGE_PROMPT.test(prompt);
}

/** Whether a prompt asks for the user's own password and for nothing else. */
export function isPasswordPrompt(prompt: string): boolean {
  return PASSWORD_PROMPT.test(prompt);
}
