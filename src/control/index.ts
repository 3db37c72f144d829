export * from './access/index.ts'
export * from './api/index.ts'
export * from './config/index.ts'
export * from './settings/index.ts'
