export * from './decimalE6.ts'
export * from './measures.ts'
export * from './orderBook.ts'
