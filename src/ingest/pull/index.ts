export * from './options.ts'
export * from './upstream.ts'
