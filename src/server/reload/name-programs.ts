import type { ResolvedVhost } from '../../control/index.ts'

/** A virtual host whose engines and ingests stand under their names, so that a change of one of them says which it is. */
export function namePrograms({ transcode, ingest, ...vhost }: ResolvedVhost): object {
  return {
    ...vhost,
    transcode: byName(transcode, ({ scope }) => scope, namedEngines),
    ingest: byName(ingest, ({ id }) => id, namedEngines),
  }
}

function namedEngines<Owner extends ResolvedVhost['transcode'][number] | ResolvedVhost['ingest'][number]>({
  engines,
  ...owner
}: Owner): object {
  return { ...owner, engines: byName(engines, ({ name }) => name) }
}

/** The second of a name has a number behind it. */
function byName<T extends object>(
  list: readonly T[],
  nameOf: (each: T) => string,
  viewOf: (each: T) => object = (each) => each,
): Readonly<Record<string, object>> {
  const named: Record<string, object> = {}
  for (const each of list) {
    const name = nameOf(each) || '*'
    const count = Object.keys(named).filter((other) => other === name || other.startsWith(`${name}#`)).length
    named[count === 0 ? name : `${name}#${count + 1}`] = viewOf(each)
  }
  return named
}
