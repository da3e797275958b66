import { workerData } from 'node:worker_threads'
import { readAhead, type AheadBirth } from '../replay/ahead/index.ts'

readAhead(workerData as AheadBirth)
