export * from './options.ts'
export * from './refusals.ts'
