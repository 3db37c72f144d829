/** Where the demo listens; what is left out is as its files say. */
export type DemoListening = Readonly<{
  /** On this address in place of those of the files. */
  host?: string
  /** Other ports in place of theirs; 0 for one that is free. */
  ports: ReadonlyMap<number, number>
}>

const LISTEN = /\blisten (?:([^\s:;]+):)?(\d+);/g

/** The ports that a configuration listens on. */
export function portsOf(config: string): number[] {
  return [...new Set([...config.matchAll(LISTEN)].map(([, , port]) => Number(port)))]
}

/** A configuration of the demo that listens elsewhere. It ends with the process that starts it. */
export function listenElsewhere(config: string, { host, ports }: DemoListening): string {
  const changed = config.replace(LISTEN, (_, said: string | undefined, port: string) => {
    const address = host ?? said
    return `listen ${address === undefined ? '' : `${address}:`}${ports.get(Number(port)) ?? port};`
  })
  return `${changed}\nasprocess on;\n`
}

/** A configuration of the demo that forwards to another address than it says. */
export function forwardElsewhere(config: string, destination: string): string {
  return config.replace(/\bdestination [^;]+;/, `destination ${destination};`)
}
