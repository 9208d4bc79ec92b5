import { startTcpScript } from '../../../support/tcp-script';
import { targetOf } from '../../support/engine';
import type { CatalogueRow } from '../row';

/** The identification line (RFC 4253 section 4.2). */
export const BANNER_ROWS: readonly CatalogueRow[] = [
  {
    name: 'banner-silent',
    what: 'the server accepts the connection and never speaks',
    expect: { ends: 'failure', type: 'SshBannerTimeout', stage: 'banner', deadline: 'banner' },
    arrange: async ({ t }) => ({ target: targetOf(await startTcpScript(undefined, { t })) }),
  },
];
