/** What of a dashboard for Grafana is looked at. */
export type Dashboard = Readonly<{
  templating: Readonly<{ list: readonly Readonly<{ query: string | Readonly<{ query: string }> }>[] }>
  panels: readonly Panel[]
}>

type Panel = Readonly<{
  type: string
  title: string
  fieldConfig?: Readonly<{ defaults: Readonly<{ unit?: string }> }>
  targets?: readonly Readonly<{ expr: string; legendFormat: string }>[]
}>

/** Labels of each metric, by the names that queries ask for. */
export type KnownLabels = ReadonlyMap<string, readonly string[]>

/** What Prometheus itself adds to whatever it scrapes. */
const SCRAPED = ['instance', 'job']

const METRIC = /\b(?:srs|nodejs|process)_\w+/g

/** Metrics and labels that a query (PromQL) asks for and that are not there; none if all is well. */
export function queryFaults(query: string, known: KnownLabels): string[] {
  const metrics = query.match(METRIC) ?? []
  const faults = metrics.filter((name) => !known.has(name)).map((name) => `there is no ${name}: ${query}`)
  for (const [, name = '', selector = ''] of query.matchAll(/\b(\w+)\{([^}]*)\}/g)) {
    const asked = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label)
    faults.push(...strangers(asked, labelsOf(name, known), query))
  }
  for (const [, labels = ''] of query.matchAll(/\bby \(([^)]*)\)/g)) {
    const all = metrics.flatMap((name) => labelsOf(name, known))
    faults.push(...strangers(labels.split(/,\s*/), all, query))
  }
  return [...faults, ...(metrics.length === 0 ? [`no metric of ours: ${query}`] : [])]
}

/**
 * What is wrong with how a panel names its lines: one that two lines would have, as a label in which they differ is not in it, or a label that
 * they have not.
 */
export function legendFaults({ type, title, targets = [] }: Panel, known: KnownLabels): string[] {
  if (type === 'stat') {
    return []
  }
  return targets.flatMap(({ expr, legendFormat }) => {
    const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
    const differing = differingLabels(expr, known)
    const place = `the legend of '${title}', ${legendFormat}`
    return [
      ...differing.filter((label) => !named.includes(label)).map((label) => `${place}, leaves out ${label}`),
      ...named.filter((label) => !differing.includes(label)).map((label) => `${place}, has no ${label}`),
    ]
  })
}

/** Units by the ends of names, as Grafana calls them; a rate makes another of some. */
const UNITS: readonly (readonly [end: RegExp, unit: string])[] = [
  [/^rate\(\w+_seconds_total|^sum by \(kind\) \(rate\(\w+_seconds_sum/, 'percentunit'],
  [/rate\(\w+_bytes_total.*\* 8$/, 'bps'],
  [/_seconds(_bucket)?\b/, 's'],
  [/_bits_per_second\b/, 'bps'],
  [/_bytes\b/, 'bytes'],
  [/_(frame_rate|fps)\b/, 'fps'],
  [/rate\(/, 'ops'],
]

/** What is wrong with a panel's unit, as far as the names of its metrics tell it. */
export function unitFaults({ type, title, fieldConfig, targets = [] }: Panel): string[] {
  const unit = fieldConfig?.defaults.unit ?? ''
  const [first] = targets
  const [, expected = 'short'] = UNITS.find(([end]) => first !== undefined && end.test(first.expr)) ?? []
  const isPlain = ['short', 'none'].includes(expected) && ['short', 'none'].includes(unit)
  return type !== 'timeseries' || isPlain || unit === expected
    ? []
    : [`'${title}' is in ${unit} in place of ${expected}`]
}

/** The labels in which lines of a query's result may differ. */
function differingLabels(query: string, known: KnownLabels): string[] {
  const grouped = /\bby \(([^)]*)\)/.exec(query)?.[1]
  if (grouped !== undefined) {
    return grouped.split(/,\s*/).filter((label) => label !== 'le' || !query.includes('histogram_quantile'))
  }
  const [, name = '', selector = ''] = /\b(\w+)\{([^}]*)\}/.exec(query) ?? []
  const fixed = [...selector.matchAll(/(\w+)="/g)].map(([, label = '']) => label)
  return ['instance', ...(known.get(name) ?? [])].filter((label) => !fixed.includes(label))
}

function labelsOf(name: string, known: KnownLabels): readonly string[] {
  return [...SCRAPED, ...(known.get(name) ?? [])]
}

function strangers(asked: readonly string[], labels: readonly string[], query: string): string[] {
  return asked
    .filter((label) => !labels.includes(label))
    .map((label) => `there is no label ${label}: ${query}`)
}
