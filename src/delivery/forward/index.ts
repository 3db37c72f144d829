export * from './destination.ts'
export * from './forward-output.ts'
export * from './forward-service.ts'
export * from './options.ts'
