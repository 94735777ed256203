const words = document.getElementById("select-words");
let ready;

async function draw(root) {
  const boxes = root.querySelectorAll("[data-chart]:not([_echarts_instance_])");
  if (!boxes.length || !words) return;
  ready ||= dressed();
  const { echarts, locale } = await ready;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  boxes.forEach((box) => {
    const chart = echarts.init(box, "minqing", { locale, renderer: "svg" });
    chart.setOption({ animation: !still, aria: { enabled: true }, tooltip: { trigger: "axis", confine: true },
      grid: { left: 4, right: 28, top: 34, bottom: 4, containLabel: true }, legend: { top: 0, right: 0 }, ...JSON.parse(box.dataset.chart) });
    new ResizeObserver(() => chart.resize()).observe(box);
  });
}

async function dressed() {
  const echarts = await import(JSON.parse(words.textContent).echarts);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  echarts.registerTheme("minqing", {
    color: [colour("--accent"), "#d89216", "#3f7fbf", "#6a9c4b", "#a4568c", "#7b8a92"],
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    categoryAxis: { axisLine: { lineStyle: { color: colour("--line-2") } }, axisTick: { show: false }, axisLabel: { color: colour("--ink-2") } },
    line: { showSymbol: false },
    valueAxis: { minInterval: 1, splitLine: { lineStyle: { color: colour("--line") } }, axisLabel: { color: colour("--ink-2") } },
    legend: { textStyle: { color: colour("--ink-2") } },
  });
  return { echarts, locale: document.documentElement.lang.startsWith("zh") ? "ZH" : "EN" };
}

draw(document);
document.addEventListener("htmx:afterSettle", (event) => draw(event.target));
