export * from './routes.ts'
export * from './stream-info.ts'
