import { closeSync, openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import type { SshDeadlines } from '../../../../contract';
import { SshError } from '../../../../ssh/ssh-error';
import { startDnsScript } from '../../../support/dns-script';
import type { DnsAnswer } from '../../../support/dns-script';
import { exec, targetOf } from '../../support/engine';
import type { ServerLike } from '../../support/engine';

/** What the engine is run with in a process of its own. */
export interface EnginePlan {
  readonly server: ServerLike;
  readonly deadlines: SshDeadlines;
  /** A resolver for this process. */
  readonly dns?: Readonly<Record<string, DnsAnswer>>;
  /** Uses up what the engine needs from the kernel. */
  readonly without?: 'descriptors' | 'ports';
  /** At the beginning of the stage `banner` the process does nothing else for so long, in milliseconds. */
  readonly heldUpMs?: number;
}

/** How it ended there. */
export type EngineEnd =
  | { readonly exitCode: number }
  | { readonly error: Pick<SshError, 'type' | 'message' | 'details'> }
  | { readonly crash: string };

/** Leaves no descriptor free: as a worker that has leaked them, or whose limit is too low. */
function useUpDescriptors(): () => void {
  const held: number[] = [];
  try {
    for (;;) held.push(openSync('/dev/null', 'r'));
  } catch {
    return () => held.forEach((descriptor) => closeSync(descriptor));
  }
}

/** Stops this thread, as a long computation or a throttled container does. */
function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Takes the two local ports that the namespace of this process has left for connections to that port. */
async function useUpPorts({ address, port }: ServerLike): Promise<void> {
  for (let index = 0; index < 2; index += 1) await once(connect({ host: address, port }), 'connect');
}

async function main({ server, deadlines, dns, without, heldUpMs }: EnginePlan): Promise<EngineEnd> {
  if (dns) await startDnsScript(dns);
  if (without === 'ports') {
    const listener = createServer().listen(server.port, server.address);
    await once(listener, 'listening');
    await useUpPorts(server);
  }
  const target = targetOf(server);
  const release = without === 'descriptors' ? useUpDescriptors() : undefined;
  try {
    const { exitCode } = await exec(target, 'work', {
      deadlines,
      observer: { onStage: (stage) => void (stage === 'banner' && heldUpMs !== undefined && holdUp(heldUpMs)) },
    });
    return { exitCode };
  } catch (error) {
    if (!(error instanceof SshError)) return { crash: String(error) };
    const { type, message, details } = error;
    return { error: { type, message, details } };
  } finally {
    release?.();
  }
}

void main(JSON.parse(process.argv[2] ?? '{}') as EnginePlan)
  .catch((error: unknown): EngineEnd => ({ crash: String(error) }))
  .then((end) => {
    process.stdout.write(JSON.stringify(end), () => process.exit(0));
  });
