import type { CatalogueRow } from './row';
import { BANNER_ROWS } from './rows/banner';

/** A part of the catalogue, under a title for the document. */
export interface CataloguePart {
  readonly title: string;
  readonly rows: readonly CatalogueRow[];
}

/** Every case that the engine is held to, in the order of the stages. */
export const CATALOGUE: readonly CataloguePart[] = [{ title: 'banner: the identification line', rows: BANNER_ROWS }];
