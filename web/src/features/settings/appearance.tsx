import { SegmentedField, Switch } from '../../ui/choice.tsx';
import { useParley } from '../context.ts';

const THEMES = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

const SIZES = [
  { value: 's', label: 'Small' },
  { value: 'm', label: 'Medium' },
  { value: 'l', label: 'Large' },
] as const;

const DENSITIES = [
  { value: 'comfortable', label: 'Comfortable' },
  { value: 'compact', label: 'Compact' },
] as const;

/** How Parley looks on this device; every choice shows at once. */
export function AppearanceSettings() {
  const { preferences } = useParley();
  const now = preferences.value.value;
  return (
    <>
      <div class="page-top">
        <div>
          <h1>Appearance</h1>
          <p>These choices stay on this device.</p>
        </div>
      </div>
      <div class="settings">
        <section aria-label="Look">
          <SegmentedField
            label="Theme"
            options={THEMES}
            value={now.theme}
            onValue={(theme) => preferences.change({ theme })}
          />
          <SegmentedField
            label="Text size"
            options={SIZES}
            value={now.textSize}
            onValue={(textSize) => preferences.change({ textSize })}
          />
          <SegmentedField
            label="Density"
            options={DENSITIES}
            value={now.density}
            onValue={(density) => preferences.change({ density })}
            hint="Compact leaves out avatars and puts the time in front."
          />
        </section>
        <section aria-label="Writing">
          <h2>Writing</h2>
          <div class="insp flat">
            <Switch
              label="Enter sends the message"
              hint="Otherwise Ctrl or Cmd with Enter sends, and Enter adds a line."
              checked={now.enterSends}
              onValue={(enterSends) => preferences.change({ enterSends })}
            />
          </div>
        </section>
      </div>
    </>
  );
}
