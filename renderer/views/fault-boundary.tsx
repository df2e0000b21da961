import { Component } from 'react';
import type { ErrorInfo, ReactNode } from 'react';
import { DeskWindowContext } from '../desk-window.ts';
import { Fault } from './fault.tsx';

/** Whatever a view throws ends here: reported by name, shown calmly, never with what was in it. */
export class FaultBoundary extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  static override contextType = DeskWindowContext;
  declare context: React.ContextType<typeof DeskWindowContext>;
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    this.context?.api.reportFault(error, info.componentStack?.trim().split('\n')[0]?.trim() ?? 'view');
  }

  override render(): ReactNode {
    return this.state.failed ? <Fault /> : this.props.children;
  }
}
