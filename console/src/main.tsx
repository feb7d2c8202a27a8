import { render } from 'preact';
import './style/fonts.css';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/rows.css';
import './style/sheets.css';
import { App } from './app.tsx';
import { begin } from './data/session.ts';
import { restoreTheme } from './data/theme.ts';

restoreTheme();
void begin();
const place = document.getElementById('console');
if (place !== null) render(<App />, place);
