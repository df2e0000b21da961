/** `Menu`: kept and clickable by code. Windows of the stand-in have no menu bar, so accelerators do nothing. */
import type { Menu as ElectronMenu, MenuItemConstructorOptions } from 'electron';
import type { Recorder } from './recorder.ts';
import { notImplemented, refuseUnknown, strict } from './strict.ts';

export interface MenuRoles {
  quit(): void;
  close(): void;
}

const known: readonly (keyof MenuItemConstructorOptions)[] = [
  'id',
  'label',
  'role',
  'type',
  'accelerator',
  'enabled',
  'visible',
  'checked',
  'click',
  'submenu',
  'registerAccelerator',
  'toolTip',
];

export function createMenu(recorder: Recorder, roles: MenuRoles) {
  let applicationMenu: ElectronMenu | null = null;

  const itemOf = (options: MenuItemConstructorOptions) => {
    refuseUnknown(options, known, 'MenuItem');
    const { submenu } = options;
    const item = {
      id: options.id ?? '',
      label: options.label ?? options.role ?? '',
      role: options.role,
      type: options.type ?? (submenu ? 'submenu' : 'normal'),
      accelerator: options.accelerator ?? null,
      enabled: options.enabled ?? true,
      visible: options.visible ?? true,
      checked: options.checked ?? false,
      submenu: Array.isArray(submenu) ? Menu.buildFromTemplate(submenu) : submenu,
      click: () => {
        if (!item.enabled) return;
        if (item.type === 'checkbox') item.checked = !item.checked;
        recorder.record('menu', { id: item.id, label: item.label, role: item.role });
        if (options.click) options.click(strict(item, 'MenuItem') as never, undefined, {});
        else if (options.role === 'quit') roles.quit();
        else if (options.role === 'close') roles.close();
      },
    };
    return strict(item, 'MenuItem');
  };
  type Item = ReturnType<typeof itemOf>;

  class Menu {
    readonly items: Item[];

    constructor(items: Item[] = []) {
      this.items = items;
    }

    static buildFromTemplate(template: readonly object[]): ElectronMenu {
      return strict(new Menu(template.map((options) => itemOf(options))), 'Menu') as unknown as ElectronMenu;
    }

    static setApplicationMenu(menu: ElectronMenu | null): void {
      applicationMenu = menu;
    }

    static getApplicationMenu(): ElectronMenu | null {
      return applicationMenu;
    }

    append(): never {
      throw notImplemented('Menu.append');
    }

    popup(): void {
      recorder.record('menu', { popup: this.items.map((item) => item.label) });
    }

    getMenuItemById(id: string): Item | null {
      for (const item of this.items) {
        if (item.id === id) return item;
        const below = item.submenu ? (item.submenu as unknown as Menu).getMenuItemById(id) : null;
        if (below) return below;
      }
      return null;
    }
  }
  Menu satisfies Pick<typeof ElectronMenu, 'buildFromTemplate' | 'setApplicationMenu' | 'getApplicationMenu'>;
  return Menu;
}
