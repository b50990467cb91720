import { probeStore } from './probe.ts';
import { recordForm, type StoreForm } from './store-form.ts';

/** Tries which form works for a store, and records it. */
export function findForm(store: string): StoreForm {
  const form = probeStore(store);
  recordForm(store, form);
  return form;
}
