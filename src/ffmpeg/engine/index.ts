export * from './engine-options.ts'
