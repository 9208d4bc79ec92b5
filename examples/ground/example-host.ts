import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { HostConfig } from '../../worker';
import { openKeyPair } from '../../worker/embedded-host/key-pair';
import { hostProgram } from './host-program';
import type { HostProgram } from './host-program';
import { INIT, startServer } from './server-process';
import type { ServerProcess } from './server-process';

/** A server on loopback that plays a host of its own: what logs in to it has a `HOME` that no other host has. */
export interface ExampleHost {
  readonly name: string;
  readonly kind: HostProgram['kind'];
  readonly config: HostConfig;
  /** How often it has booted. */
  readonly boots: number;
  /** The lines of a file in its `HOME`; none where it is not there. */
  lines(file: string): readonly string[];
  write(file: string, text: string, mode?: number): void;
  /** Stops listening; {@link start} listens on the same port again. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** The program in `HOME` that reboots a host which has a boot of its own, and no other. */
const REBOOT = `#!/bin/sh
tr '\\0' ' ' < /proc/1/cmdline | grep -q ${INIT} || { echo 'this host has no boot of its own' >&2; exit 1; }
kill -TERM 1
`;

/** Starts a host; `reboots` gives it processes and a boot id of its own, where `canReboot` says that it can. */
export async function startExampleHost(directory: string, name: string, reboots = false): Promise<ExampleHost> {
  const [home, keys] = [join(directory, name, 'home'), join(directory, name, 'keys')];
  for (const each of [home, keys]) mkdirSync(each, { recursive: true, mode: 0o700 });
  const hostKey = openKeyPair(keys, 'ssh_host_ed25519_key', name);
  const clientKey = openKeyPair(keys, 'id_ed25519', name);
  const authorized = `ssh-ed25519 ${clientKey.key.getPublicSSH().toString('base64')}\n`;
  writeFileSync(join(keys, 'authorized_keys'), authorized, { mode: 0o600 });
  const port = await freePort();
  const user = userInfo().username;
  const program = hostProgram({ home, keys, port, user });
  let server: ServerProcess | undefined;
  let boots = 0;
  const start = async (): Promise<void> => {
    const started = await startServer(program, reboots ? keys : undefined);
    boots += 1;
    server = started;
    if (reboots) void started.exited.then(() => (server === started ? start() : undefined));
  };
  const write = (file: string, text: string, mode = 0o644): void => {
    mkdirSync(join(home, file, '..'), { recursive: true });
    writeFileSync(join(home, file), text);
    chmodSync(join(home, file), mode);
  };
  if (reboots) write('reboot', REBOOT, 0o755);
  await start();
  return {
    name,
    kind: program.kind,
    config: {
      address: '127.0.0.1',
      port,
      user,
      hostKey: hostKey.fingerprint,
      credential: { privateKeyFile: clientKey.file },
    },
    get boots() {
      return boots;
    },
    lines: (file) => (existsSync(join(home, file)) ? readFileSync(join(home, file), 'utf8').trimEnd().split('\n') : []),
    write,
    start,
    stop: async () => {
      const stopped = server;
      server = undefined;
      await stopped?.stop();
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
