export * from './heartbeat.ts'
export * from './options.ts'
