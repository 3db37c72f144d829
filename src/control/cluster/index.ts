export * from './options.ts'
export * from './origin-cluster.ts'
