export * from './address.ts'
export * from './socket-sink.ts'
export * from './tcp-listener.ts'
