type StepTitles = typeof import('./step-titles.chunk.ts');

/** What steps are for, in words; read where one fails or is logged. */
export function stepTitles(): StepTitles {
  return load('runtime/plan/step-titles.chunk.js') as StepTitles;
}
