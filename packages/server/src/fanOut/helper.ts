/** The thread that helps to send: takes its share of each batch. */
import { workerData } from 'node:worker_threads'
import { Batch, type BatchMemory } from './batch.ts'

const batch = new Batch(workerData as BatchMemory)
for (let turn = 0; batch.waitForBatch(turn);) {
  turn = batch.turn
  batch.takeShares()
}
