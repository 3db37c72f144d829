export * from './http-flv-client.ts'
export * from './http-server.ts'
export * from './media-exchange.ts'
export * from './node-server.ts'
