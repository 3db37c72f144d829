export * from './address.ts'
export * from './socket-sink.ts'
export * from './tcp-connect.ts'
export * from './tcp-listener.ts'
