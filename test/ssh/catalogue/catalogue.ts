import type { CatalogueRow } from './row';
import { BANNER_ROWS } from './rows/banner';
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
  { title: 'a network that breaks', rows: NETNS_ROWS },
  { title: 'jump hosts', rows: JUMP_ROWS },
];
