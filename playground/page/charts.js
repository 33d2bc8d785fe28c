// The data_visualization block, drawn as SVG with the figures beside it for those who cannot see it.
import { html } from './lib.js';
import { t } from './words.js';

const WIDTH = 480;
const HEIGHT = 200;
const LEFT = 44;
const BOTTOM = 26;

const number = (value) => new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 }).format(value);

function scale(values) {
  const top = Math.max(...values, 0);
  const low = Math.min(...values, 0);
  const span = top - low || 1;
  return { low, top: low + span, y: (value) => 8 + (1 - (value - low) / span) * (HEIGHT - BOTTOM - 8) };
}

function Frame({ of, axis, children }) {
  const labels = of.axis_config.categories;
  const step = (WIDTH - LEFT) / labels.length;
  const every = Math.ceil(labels.length / 8);
  return html`<svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} class="chart-svg" aria-hidden="true">
    ${[axis.low, (axis.low + axis.top) / 2, axis.top].map((value) => html`<g>
      <line class="grid" x1=${LEFT} x2=${WIDTH} y1=${axis.y(value)} y2=${axis.y(value)} />
      <text class="tick-label" x=${LEFT - 6} y=${axis.y(value) + 4} text-anchor="end">${number(value)}</text>
    </g>`)}
    ${labels.map((label, at) => (at % every ? null : html`<text class="tick-label" x=${LEFT + step * (at + 0.5)} y=${HEIGHT - 6} text-anchor="middle">${label}</text>`))}
    ${children(step)}
  </svg>`;
}

const ordered = (of, series) => of.axis_config.categories.map((label) => series.data.find((one) => one.label === label)?.value ?? 0);
const axisOf = (of) => scale(of.series.flatMap((one) => one.data.map((point) => point.value)));

function Bars({ of }) {
  const axis = axisOf(of);
  return html`<${Frame} of=${of} axis=${axis}>${(step) => of.series.map((series, index) => {
    const width = (step * 0.7) / of.series.length;
    return ordered(of, series).map((value, at) => html`<rect class=${`ink-${index % 6}`} rx="2"
      x=${LEFT + step * (at + 0.15) + width * index} width=${Math.max(1, width - 2)}
      y=${Math.min(axis.y(value), axis.y(0))} height=${Math.abs(axis.y(value) - axis.y(0))} />`);
  })}</${Frame}>`;
}

function Lines({ of, filled }) {
  const axis = axisOf(of);
  return html`<${Frame} of=${of} axis=${axis}>${(step) => of.series.map((series, index) => {
    const points = ordered(of, series).map((value, at) => `${LEFT + step * (at + 0.5)},${axis.y(value)}`);
    const ends = [`${LEFT + step * (points.length - 0.5)},${axis.y(0)}`, `${LEFT + step * 0.5},${axis.y(0)}`];
    return html`<g class=${`ink-${index % 6}`}>
      ${filled ? html`<polygon class="area" points=${[...points, ...ends].join(' ')} />` : null}
      <polyline class="line" points=${points.join(' ')} />
    </g>`;
  })}</${Frame}>`;
}

function Pie({ of }) {
  const total = of.segments.reduce((sum, one) => sum + one.value, 0) || 1;
  let turned = 0;
  return html`<svg viewBox="0 0 200 200" class="pie" aria-hidden="true">${of.segments.map((one, index) => {
    const part = one.value / total;
    const start = turned;
    turned += part;
    // A ring of circumference 100, so that a part is its percentage.
    return html`<circle class=${`slice ink-${index % 6}`} cx="100" cy="100" r="63.66" pathLength="100"
      stroke-dasharray=${`${part * 100} 100`} stroke-dashoffset=${-start * 100} />`;
  })}</svg>`;
}

const Figures = ({ of }) => (of.type === 'pie'
  ? html`<ul class="legend">${of.segments.map((one, index) => html`<li><span class=${`dot ink-${index % 6}`}></span>${one.label} <b>${number(one.value)}</b></li>`)}</ul>`
  : html`<ul class="legend">${of.series.map((one, index) => html`<li><span class=${`dot ink-${index % 6}`}></span>${one.name}
      <span class="unseen">${one.data.map((point) => `${point.label} ${number(point.value)}`).join(', ')}</span></li>`)}</ul>`);

const DRAWN = { pie: Pie, bar: Bars, line: Lines, area: (props) => html`<${Lines} ...${props} filled=${true} />` };

export function Charts({ of }) {
  const Drawn = DRAWN[of.chart.type];
  if (!Drawn) return html`<div class="unknown block">${t('block.unknown', { type: of.chart.type })}</div>`;
  return html`<figure class="chart"><figcaption>${of.title}</figcaption><${Drawn} of=${of.chart} /><${Figures} of=${of.chart} /></figure>`;
}
