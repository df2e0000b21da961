import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Fewer rules than this cannot have looked at a whole window. */
const FEWEST_RULES = 15;

interface Rule {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}
interface Axe {
  run(root: Document, options: object): Promise<{ readonly violations: readonly Rule[]; readonly passes: readonly Rule[] }>;
}

/** Rules of axe that the window breaks as it is drawn now, with where; only the colours, where nothing else can differ. */
export async function axeViolations(page: Page, rules: 'all' | 'colour'): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate(async (only) => {
    const { axe } = globalThis as unknown as { axe: Axe };
    // What is still fading in has the contrast of a ghost.
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)));
    const result = await axe.run(document, only === 'colour' ? { runOnly: ['color-contrast'] } : {});
    return {
      violations: result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''} ${nodes[0]?.failureSummary ?? ''}`),
      passes: result.passes.length,
    };
  }, rules);
  if (passes < (rules === 'all' ? FEWEST_RULES : 1)) throw new Error(`axe looked at too little: ${passes} rules passed`);
  return violations;
}
