import type { SshFailureType } from '../contract';
import { JOB_FAILURE_HELP } from './job/job-failure-help';
import { TRANSFER_FAILURE_HELP } from './files/transfer-failure-help';
import { OUTCOME_FAILURE_HELP } from './outcome-failure-help';

/** What a failure means and what to do about it, for messages, `temporal-ssh check` and `docs/failures.md`. */
export interface FailureHelp {
  readonly meaning: string;
  readonly next: string;
}

/** One entry for each failure type. */
export const FAILURE_HELP: Readonly<Record<SshFailureType, FailureHelp>> = {
  SshInvalidOptions: {
    meaning: 'An option of the step is missing, unknown or out of range. Nothing was sent.',
    next: 'Correct the options that the message names.',
  },
  SshConfigInvalid: {
    meaning:
      "The hosts file, OpenSSH's configuration, or the host that a function returned, is not valid. Nothing was sent.",
    next: 'Correct what the message names; the hosts file itself is read when a worker starts.',
  },
  SshConfigUnsupported: {
    meaning: 'The configuration asks for something that this version cannot do. It is refused, not ignored.',
    next: 'Remove the setting, or use a version that supports it.',
  },
  SshHostCoolingDown: {
    meaning:
      'Connections to this host failed a moment ago, so that this worker leaves it alone for a while. Nothing was sent.',
    next: 'A retry helps after the time that is left (limitMs in the details); look at the failures before it for the cause.',
  },
  SshHostLookupFailed: {
    meaning:
      'The function that looks up hosts failed, for example because an inventory does not answer. Nothing was sent.',
    next: 'A retry may help; look at the message of the function.',
  },
  SshUnknownHost: {
    meaning: "The worker's hosts file has no host of this name. Nothing was sent.",
    next: 'Add the host to the hosts file, or correct the name.',
  },
  SshCredentialUnavailable: {
    meaning: 'A key file, environment variable or agent that the credential names is not there. Nothing was sent.',
    next: 'Make the credential available to the worker.',
  },
  SshGateTimeout: {
    meaning: 'Others held the host for longer than the timeout of withHost. Nothing was done on it.',
    next: 'See who holds it with temporal-ssh gate show; try again later, or raise the timeout.',
  },
  SshGateUnavailable: {
    meaning:
      'The worker that took the step has no Temporal client for its activities, so that it cannot reach the gate of the host. Nothing was done on it.',
    next: 'Create the worker with a connection and @temporalio/worker 1.24 or later; in a MockActivityEnvironment, give it a client.',
  },
  SshConnectRefused: {
    meaning: 'Nothing listens on that port: sshd is restarting or stopped, or the port is wrong.',
    next: 'A retry may help; check that sshd runs and listens on that port.',
  },
  SshConnectTimeout: {
    meaning:
      'No answer to the TCP connection: the host is down, a firewall drops packets, or its accept queue is full.',
    next: 'A retry may help; check the address and the firewall, or raise timeouts.connect.',
  },
  SshConnectUnreachable: {
    meaning: 'The network says that there is no way to the address.',
    next: 'A retry may help; check routes, interfaces and the address.',
  },
  SshDnsTemporary: {
    meaning: 'The resolver could not answer for the name now.',
    next: 'A retry may help; check the resolver that the worker uses.',
  },
  SshDnsNotFound: {
    meaning: 'The name does not exist.',
    next: 'Correct the address in the hosts file, or add the name to the DNS.',
  },
  SshBannerTimeout: {
    meaning:
      'The TCP connection stands, but the identification (RFC 4253 section 4.2) did not come: the host is overloaded.',
    next: 'Retry after a growing delay; raise timeouts.banner (60 to 200 s are usual) if the host is only slow.',
  },
  SshBannerClosed: {
    meaning:
      'The server closed the connection before its identification: overload, tcpwrappers, fail2ban, Dropbear at its limit.',
    next: 'Retry after a growing delay; look at the log of the server for the reason.',
  },
  SshServerBusy: {
    meaning: 'The server refused the connection because it has too many (MaxStartups, disconnect reason 12).',
    next: 'Retry after a growing delay; run fewer steps at once, or raise MaxStartups on the server.',
  },
  SshServerPenalty: {
    meaning: 'OpenSSH penalises this source address (PerSourcePenalties); each early retry lengthens the penalty.',
    next: 'Retry after at least 15 s; find the failed logins that caused it, or exempt the worker with PerSourcePenaltyExemptList.',
  },
  SshBannerInvalid: {
    meaning: 'What came before the identification, or the identification itself, breaks RFC 4253 section 4.2.',
    next: 'Check that an SSH server listens on that port.',
  },
  SshNotSshServer: {
    meaning: 'Another protocol answers on that port.',
    next: 'Correct the port of the host.',
  },
  SshVersionUnsupported: {
    meaning: 'The server does not speak SSH 2.0.',
    next: 'Update the server; SSH 1 is not supported.',
  },
  SshKexTimeout: {
    meaning: 'The identification came, but the key exchange did not end.',
    next: 'A retry may help; the host is overloaded, or something on the way swallows large packets (check the MTU).',
  },
  SshNoCommonAlgorithms: {
    meaning: 'Client and server have no algorithm in common.',
    next: 'Enable a current algorithm on the server; legacy ones are not offered.',
  },
  SshHostKeyMismatch: {
    meaning:
      'The host key is not the one that is known: the host was reinstalled, the address was reused, or someone listens. No credential was sent.',
    next: "Verify the new key on the host's console before you replace the known one.",
  },
  SshHostKeyUnknown: {
    meaning: 'The host key is not known, and unknown keys are refused. No credential was sent.',
    next: 'Verify the key and add it to known_hosts or as hostKey, or choose strictHostKeyChecking: accept-new for this host.',
  },
  SshHostKeyRevoked: {
    meaning: 'known_hosts marks this host key as revoked. No credential was sent.',
    next: 'Do not connect; give the host a new key.',
  },
  SshHostKeySignatureInvalid: {
    meaning: 'The server could not prove that it owns its host key. No credential was sent.',
    next: 'Treat the path to this host as compromised until you know better.',
  },
  SshAuthTimeout: {
    meaning:
      'The authentication did not end: a slow directory service, PAM module or AuthorizedKeysCommand on the host.',
    next: 'A retry may help; raise timeouts.auth if the host is only slow.',
  },
  SshAuthFailed: {
    meaning: 'The server refused every credential of this host. It is not tried again, so that no account is locked.',
    next: "Check user and credential, authorized_keys and the server's log.",
  },
  SshAuthKeyUnusable: {
    meaning:
      'The private key or its certificate cannot be used: encrypted without the right passphrase, damaged, open to others, or expired.',
    next: 'Correct the passphrase, the file or its mode, or have the key signed again.',
  },
  SshAuthPasswordExpired: {
    meaning: 'The server wants a new password before it lets this user in.',
    next: 'Change the password of the user, or use a key.',
  },
  SshChannelTimeout: {
    meaning: 'The server did not answer the channel open. No command was sent.',
    next: 'A retry may help; the host is overloaded or the connection is dead.',
  },
  SshChannelOpenFailed: {
    meaning: 'The server could not open the channel, for OpenSSH usually because of MaxSessions. No command was sent.',
    next: 'A retry may help; run fewer steps at once on this connection, or raise MaxSessions.',
  },
  SshChannelResourceShortage: {
    meaning: 'The server has no resources for another channel (RFC 4254 section 5.1, reason 4). No command was sent.',
    next: 'It is tried again after a growing delay.',
  },
  SshChannelRefused: {
    meaning: 'The server does not allow session channels for this user. No command was sent.',
    next: 'Allow sessions for this user on the server.',
  },
  SshExecTimeout: {
    meaning: 'The exec request was sent and not answered: the command may have run.',
    next: 'Find out on the host whether the command ran.',
  },
  SshExecRefused: {
    meaning:
      'The server refused to execute the command; it did not run. Devices without exec, and hosts that cannot fork, answer so.',
    next: 'Allow commands for this user, or look at the process limits of the host.',
  },
  SshPtyRefused: {
    meaning: 'The server refused the pseudo-terminal; the command was not sent.',
    next: 'Leave out pty, or permit it on the server (PermitTTY).',
  },
  SshExitStatus: {
    meaning: 'The command ran and ended with an exit code that is not in okExitCodes.',
    next: 'See stdout and stderr in the details.',
  },
  SshExitSignal: {
    meaning: 'The command was ended by a signal.',
    next: 'See the signal, stdout and stderr in the details; KILL without a sender is often the out-of-memory killer.',
  },
  SshExitStatusMissing: {
    meaning:
      'The channel closed without an exit status: how the command ended is not known. This is never taken for success.',
    next: 'Find out on the host how the command ended.',
  },
  SshRunTimeout: {
    meaning: 'The command ran longer than timeouts.run. It was sent TERM and may still run.',
    next: 'Look at the host; raise timeouts.run, or run long commands as jobs.',
  },
  SshIdleTimeout: {
    meaning: 'The command wrote nothing for timeouts.idle. It was sent TERM and may still run.',
    next: 'Look at the host; raise timeouts.idle, or let the command report progress.',
  },
  SshBootIdUnchanged: {
    meaning: 'The host answers, but still, or again, with the boot that it was to leave behind.',
    next: 'Nothing: the next look comes by itself. If it stays so, the host was not rebooted: look at what the command for it said.',
  },
  SshUnhealthy: {
    meaning:
      'A look did not find it healthy, or not for long enough yet. While the deadline lasts, this is no failure but the time until the next look.',
    next: 'See exit code, stdoutTail and stderrTail in the details; the cause is what the last look failed with.',
  },
  ...JOB_FAILURE_HELP,
  ...TRANSFER_FAILURE_HELP,
  SshConnectionLost: {
    meaning: 'The connection ended in the middle of a stage.',
    next: 'A retry may help where it is safe; look at the network and the log of the server.',
  },
  SshDisconnected: {
    meaning: 'The server ended the connection with a reason (RFC 4253 section 11.1).',
    next: 'See what the server said.',
  },
  SshProtocolError: {
    meaning: 'The server sent something that breaks the protocol, or a packet was damaged on the way.',
    next: 'A retry may help where it is safe; if it repeats, report the server and its version.',
  },
  ...OUTCOME_FAILURE_HELP,
};
