import { counter, gauge, summary } from './description.ts'
import type { MetricTable } from './description.ts'

/**
 * The process, under the names that Apache's dashboards and alerts ask for. What is Java's alone is left out; the rest
 * is said of V8, which has a heap, pools and garbage collections too.
 */
export const processMetrics = {
  process_cpu_seconds_total: counter('s', 'Processor time of the process.', 'when read'),
  process_start_time_seconds: gauge('s', 'Time of the start, since 1970.'),
  process_open_fds: gauge('descriptors', 'File descriptors open.'),
  process_max_fds: gauge('descriptors', 'File descriptors that may be open.'),
  process_virtual_memory_bytes: gauge('bytes', 'Address space.'),
  process_resident_memory_bytes: gauge('bytes', 'Resident memory.'),
  jvm_info: gauge('', 'Version of Node.js; the value is 1.'),
  jvm_memory_bytes_used: gauge('bytes', 'Memory used: `heap` is V8’s, `nonheap` is outside it.'),
  jvm_memory_bytes_committed: gauge('bytes', 'Memory taken from the system, by area.'),
  jvm_memory_bytes_max: gauge('bytes', 'Limit of an area, -1 where there is none.'),
  jvm_memory_pool_bytes_used: gauge('bytes', 'Memory used in a space of V8’s heap.'),
  jvm_memory_pool_bytes_committed: gauge('bytes', 'Memory taken from the system for a space of V8’s heap.'),
  jvm_buffer_pool_used_bytes: gauge('bytes', 'Memory of buffers outside the heap.'),
  jvm_gc_collection_seconds: summary('s', 'Time of garbage collections, by kind.', 'a collection'),
  jvm_threads_current: gauge('threads', 'Threads of the process.'),
  nodejs_eventloop_utilization: gauge(
    'fraction',
    'Share of the time since the last reading in which the event loop was busy.',
  ),
} as const satisfies MetricTable
export type ProcessMetricName = keyof typeof processMetrics
