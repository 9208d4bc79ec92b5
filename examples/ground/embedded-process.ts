// The embedded host in a process of its own, whose HOME is the login directory: KEYS PORT
import { startEmbeddedHost } from '../../worker/embedded-host';

async function main(directory = '', port = '0'): Promise<void> {
  const host = await startEmbeddedHost({ directory, port: Number(port) });
  process.once('SIGTERM', () => void host.close().then(() => process.exit(0)));
  process.stdout.write('listening\n');
}

main(...process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
