import { kexInit } from '../../support/packets';
import type { KexLists } from '../../support/packets';
import type { CatalogueRow } from '../row';
import { identifiedRow } from '../support/raw-row';

function noCommon(name: string, what: string, lists: KexLists, text: RegExp): CatalogueRow {
  const expect = { ends: 'failure', type: 'SshNoCommonAlgorithms', stage: 'kex', message: text } as const;
  return identifiedRow(name, what, expect, (socket) => void socket.write(kexInit(lists)));
}

/** Lists of algorithms that have nothing in common with ours (RFC 4253 section 7.1). */
export const KEX_ALGORITHM_ROWS: readonly CatalogueRow[] = [
  noCommon('kex-no-common-kex', 'no common key exchange method', { kex: 'diffie-hellman-group1-sha1' }, /key exchange/),
  noCommon('kex-no-common-hostkey', 'no common host-key algorithm', { hostKey: 'ssh-dss' }, /host key/),
  noCommon('kex-no-common-cipher', 'no common cipher', { cipher: '3des-cbc' }, /cipher/),
  noCommon('kex-no-common-mac', 'no common MAC', { mac: 'hmac-md5-96' }, /MAC/),
  noCommon('kex-no-common-compression', 'no common compression', { compression: 'zstd' }, /compress/),
  noCommon('kex-empty-lists', 'a server that offers nothing', { kex: '', hostKey: '' }, /key exchange/),
];
