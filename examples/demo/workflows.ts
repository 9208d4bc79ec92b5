import { compensating, sshHost } from 'temporal-ssh/workflow';

/** Input of {@link demoRelease}. */
export interface DemoReleaseInput {
  /** The directory on the host that stands for the application. */
  readonly directory: string;
  readonly version: string;
}

/**
 * Releases a version of a make-believe application, and takes everything back when its health check fails.
 *
 * The deadlines and delays are short so that a spectator does not have to wait; the defaults are for real hosts.
 */
export async function demoRelease({ directory, version }: DemoReleaseInput): Promise<void> {
  const web = sshHost('local', {
    cwd: directory,
    timeouts: { banner: '2s' },
    heartbeatTimeout: '3s',
    retry: { initialInterval: '1s', maximumInterval: '4s' },
  });
  await compensating(async (undo) => {
    undo('start the app', () =>
      web.exec('echo running > state; echo "start $(cat version)" >> log', {
        idempotent: true,
        summary: 'undo: start the app',
      })
    );
    await web.exec('echo stopped > state; echo stop >> log', { summary: 'stop the app' });

    undo('restore the version', () =>
      web.exec('cp version.before version; echo "restore $(cat version)" >> log', {
        idempotent: true,
        summary: 'undo: restore the version',
      })
    );
    await web.exec(
      `sleep 4; cp -n version version.before; echo ${version} > version; echo "install ${version}" >> log`,
      {
        idempotent: true,
        summary: `install ${version}`,
      }
    );

    undo('stop the new version', () =>
      web.exec('echo stopped > state; echo stop >> log', { idempotent: true, summary: 'undo: stop the new version' })
    );
    await web.exec('echo running > state; echo "start $(cat version)" >> log', { summary: 'start the app' });

    await web.exec('echo "GET /health: 500" >&2; exit 1', { idempotent: true, summary: 'check its health' });
  });
}
