import { parentPort, workerData } from 'node:worker_threads'
import { followUniverse, type UniverseBirth } from '../capture/index.ts'

if (parentPort === null) throw new Error('broken promise: this file runs as a thread')
followUniverse(workerData as UniverseBirth, parentPort)
