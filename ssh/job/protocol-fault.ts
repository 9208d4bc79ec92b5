import { ExecFault } from '../exec-fault';

/** What the host's program said is not what it should. */
export function protocolFault(what: string): ExecFault {
  return new ExecFault('SshProtocolError', { what: `broke the protocol of jobs: ${what}`, stage: 'run' });
}
