import { create } from 'zustand'
import type { BundleReport } from '../../shared/api/index.ts'

/** The report page. `closed` shows nothing. */
export type ReportPage =
  | { readonly state: 'closed' }
  | { readonly state: 'working'; readonly name: string }
  | { readonly state: 'failed'; readonly name: string; readonly sentence: string }
  | { readonly state: 'done'; readonly name: string; readonly report: BundleReport }

export const useReport = create<{ readonly page: ReportPage }>(() => ({ page: { state: 'closed' } }))

export function setReport(page: ReportPage): void {
  useReport.setState({ page })
}
