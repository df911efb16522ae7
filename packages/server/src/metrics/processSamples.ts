import { readFileSync } from 'node:fs'
import { constants, performance, PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import { fileDescriptors } from './process.ts'
import type { Labels, Sample } from './samples.ts'
import type { ProcessMetricName } from './table/process.ts'

/** Watches the process from here on; what it answers reads its metrics. */
export function watchProcess(): { samples(): Sample[]; stop(): void } {
  const collections = watchCollections()
  let utilization = performance.eventLoopUtilization()
  return {
    samples: () => {
      const now = performance.eventLoopUtilization()
      const since = performance.eventLoopUtilization(now, utilization)
      utilization = now
      return [
        ...processSamples(),
        ...memorySamples(),
        ...collections.samples(),
        sample('nodejs_eventloop_utilization', since.utilization),
      ]
    },
    stop: () => collections.stop(),
  }
}

function processSamples(): Sample[] {
  const { user, system } = process.cpuUsage()
  const descriptors = fileDescriptors()
  const linux = linuxStatus()
  return [
    sample('process_cpu_seconds_total', (user + system) / 1e6),
    sample('process_start_time_seconds', performance.timeOrigin / 1000),
    sample('process_open_fds', descriptors.open),
    sample('process_max_fds', descriptors.max),
    ...(linux === undefined ? [] : [sample('process_virtual_memory_bytes', linux.virtualBytes)]),
    sample('process_resident_memory_bytes', process.memoryUsage.rss()),
    sample('jvm_info', 1, [
      ['version', process.version],
      ['vendor', 'Node.js'],
      ['runtime', `V8 ${process.versions.v8}`],
    ]),
    ...(linux === undefined ? [] : [sample('jvm_threads_current', linux.threads)]),
  ]
}

function memorySamples(): Sample[] {
  const heap = getHeapStatistics()
  const { external, arrayBuffers } = process.memoryUsage()
  const area = (name: string): Labels => [['area', name]]
  return [
    sample('jvm_memory_bytes_used', heap.used_heap_size, area('heap')),
    sample('jvm_memory_bytes_used', external, area('nonheap')),
    sample('jvm_memory_bytes_committed', heap.total_heap_size, area('heap')),
    sample('jvm_memory_bytes_committed', external, area('nonheap')),
    sample('jvm_memory_bytes_max', heap.heap_size_limit, area('heap')),
    sample('jvm_memory_bytes_max', -1, area('nonheap')),
    ...getHeapSpaceStatistics().flatMap((space) => {
      const labels: Labels = [['pool', space.space_name]]
      return [
        sample('jvm_memory_pool_bytes_used', space.space_used_size, labels),
        sample('jvm_memory_pool_bytes_committed', space.space_size, labels),
      ]
    }),
    sample('jvm_buffer_pool_used_bytes', arrayBuffers, [['pool', 'direct']]),
  ]
}

const kinds = new Map<unknown, string>([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak callbacks'],
])

function watchCollections(): { samples(): Sample[]; stop(): void } {
  const totals = new Map([...kinds.values()].map((kind) => [kind, { count: 0, seconds: 0 }]))
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const total = totals.get(kinds.get(gcKindOf(entry)) ?? '')
      if (total === undefined) continue
      total.count++
      total.seconds += entry.duration / 1000
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  const metric = 'jvm_gc_collection_seconds'
  return {
    samples: () =>
      [...totals].flatMap(([kind, { count, seconds }]): Sample[] => [
        { metric, name: `${metric}_count`, labels: [['gc', kind]], value: count },
        { metric, name: `${metric}_sum`, labels: [['gc', kind]], value: seconds },
      ]),
    stop: () => observer.disconnect(),
  }
}

function gcKindOf(entry: object): unknown {
  const detail: unknown = 'detail' in entry ? entry.detail : undefined
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : undefined
}

function linuxStatus(): { readonly virtualBytes: number; readonly threads: number } | undefined {
  try {
    const text = readFileSync('/proc/self/status', 'utf8')
    const kilobytes = Number(/^VmSize:\s+(\d+)/m.exec(text)?.[1])
    return { virtualBytes: kilobytes * 1024, threads: Number(/^Threads:\s+(\d+)/m.exec(text)?.[1]) }
  } catch {
    return undefined
  }
}

function sample(name: ProcessMetricName, value: number, labels: Labels = []): Sample {
  return { metric: name, name, labels, value }
}
