import type { CatalogueRow } from './row';
import { AUTH_ROWS } from './rows/auth';
import { AUTH_METHOD_ROWS } from './rows/auth-methods';
import { AUTH_NOISE_ROWS } from './rows/auth-noise';
import { BANNER_ROWS } from './rows/banner';
import { BIG_OUTPUT_ROWS } from './rows/big-output';
import { CHANNEL_ROWS } from './rows/channel';
import { DISCONNECT_ROWS } from './rows/disconnect-after-kex';
import { DROPBEAR_ROWS } from './rows/dropbear';
import { EXEC_REQUEST_ROWS } from './rows/exec-request';
import { OK_ROWS } from './rows/ok';
import { POOL_ROWS } from './rows/pool';
import { PROXY_ROWS } from './rows/proxy';
import { RUN_END_ROWS } from './rows/run-end';
import { RUN_LIMIT_ROWS } from './rows/run-limits';
import { RUN_NOISE_ROWS } from './rows/run-noise';
import { SSHD_AUTH_ROWS } from './rows/sshd-auth';
import { SSHD_HOST_KEY_ROWS } from './rows/sshd-host-key';
import { SSHD_LOAD_ROWS } from './rows/sshd-load';
import { SSHD_RUN_ROWS } from './rows/sshd-run';
import { BANNER_FOREIGN_ROWS } from './rows/banner-foreign';
import { BANNER_INVALID_ROWS } from './rows/banner-invalid';
import { BANNER_REFUSAL_ROWS } from './rows/banner-refusal';
import { BANNER_SUCCESS_ROWS } from './rows/banner-success';
import { DNS_ROWS } from './rows/dns';
import { HOST_KEY_ROWS } from './rows/host-key';
import { JUMP_ROWS } from './rows/jump';
import { KEX_ROWS } from './rows/kex';
import { KEX_ALGORITHM_ROWS } from './rows/kex-algorithms';
import { KEX_DISCONNECT_ROWS } from './rows/kex-disconnect';
import { NETNS_ROWS } from './rows/netns';
import { TCP_ROWS } from './rows/tcp';

/** A part of the catalogue, under a title for the document. */
export interface CataloguePart {
  readonly title: string;
  readonly rows: readonly CatalogueRow[];
}

/** Every case that the engine is held to, in the order of the stages. */
export const CATALOGUE: readonly CataloguePart[] = [
  { title: 'connect: name resolution', rows: DNS_ROWS },
  { title: 'connect: TCP', rows: TCP_ROWS },
  { title: 'banner: no identification', rows: BANNER_ROWS },
  { title: 'banner: the server refuses', rows: BANNER_REFUSAL_ROWS },
  { title: 'banner: another protocol', rows: BANNER_FOREIGN_ROWS },
  { title: 'banner: what is no identification', rows: BANNER_INVALID_ROWS },
  { title: 'banner: unusual, and good', rows: BANNER_SUCCESS_ROWS },
  { title: 'kex: the key exchange', rows: [...KEX_ROWS, ...KEX_ALGORITHM_ROWS] },
  { title: 'kex: host keys', rows: HOST_KEY_ROWS },
  { title: 'kex: the server disconnects', rows: KEX_DISCONNECT_ROWS },
  { title: 'auth: logging in', rows: [...AUTH_ROWS, ...AUTH_METHOD_ROWS, ...AUTH_NOISE_ROWS] },
  { title: 'auth and later: disconnects', rows: DISCONNECT_ROWS },
  { title: 'channel: opening a session', rows: CHANNEL_ROWS },
  { title: 'exec: the request for the command', rows: EXEC_REQUEST_ROWS },
  {
    title: 'run: the command and its end',
    rows: [...RUN_END_ROWS, ...RUN_LIMIT_ROWS, ...RUN_NOISE_ROWS, ...BIG_OUTPUT_ROWS],
  },
  { title: 'the network in between', rows: PROXY_ROWS },
  { title: 'connections that are shared', rows: POOL_ROWS },
  {
    title: 'OpenSSH',
    rows: [...SSHD_LOAD_ROWS, ...SSHD_HOST_KEY_ROWS, ...SSHD_AUTH_ROWS, ...SSHD_RUN_ROWS],
  },
  { title: 'Dropbear', rows: DROPBEAR_ROWS },
  { title: 'what has to work', rows: OK_ROWS },
  { title: 'a network that breaks', rows: NETNS_ROWS },
  { title: 'jump hosts', rows: JUMP_ROWS },
];
