/** The library's memory: an SQLite index of bundles that can be deleted at any time and is rebuilt by scanning. */
export { Catalog, type CatalogOptions } from './catalog.ts'
