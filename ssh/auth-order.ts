const ACCEPTED = 'Inbound: Received SERVICE_ACCEPT (';
const REQUEST = 'Outbound: Sending USERAUTH_REQUEST (';
const SUCCESS = 'Inbound: Received USERAUTH_SUCCESS';

/**
 * Finds, in ssh2's debug lines, what a server answers that was not asked: another service than `ssh-userauth` (RFC 4253
 * section 10), after which ssh2 waits for ever, and a login before any request for one (RFC 4252 section 5.1), which ssh2
 * takes for a real one.
 *
 * @returns a function to be given each line, which returns what was wrong with it.
 */
export function watchAuthOrder(): (line: string) => string | undefined {
  let asked = false;
  return (line) => {
    if (line.startsWith(REQUEST)) asked = true;
    else if (line.startsWith(SUCCESS) && !asked)
      return 'broke the protocol: it answered a login that was not asked for';
    else if (line.startsWith(ACCEPTED) && !line.startsWith('ssh-userauth)', ACCEPTED.length)) {
      return 'broke the protocol: it accepted a service that was not asked for';
    }
    return undefined;
  };
}
