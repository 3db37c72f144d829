export * from './process-settings.ts'
export * from './settings.ts'
