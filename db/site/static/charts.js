// Draws the charts of a page: each `figure.chart` holds a Vega-Lite specification as JSON and names its rows.
// The library is loaded when the first chart comes into view; without it, the table beside the chart says the same.
const loaded = new Map();

function load(address) {
    if (!loaded.has(address)) {
        loaded.set(address, new Promise((resolve, reject) => {
            const script = document.createElement("script");
            Object.assign(script, { src: address, onload: resolve, onerror: reject });
            document.head.append(script);
        }));
    }
    return loaded.get(address);
}

const styles = () => getComputedStyle(document.documentElement);

// A specification names colours by the stylesheet's variables.
function paint(part, of) {
    if (typeof part === "string") return part.startsWith("--chart-") ? of.getPropertyValue(part).trim() : part;
    if (Array.isArray(part)) return part.map((each) => paint(each, of));
    if (part && typeof part === "object") return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, paint(each, of)]));
    return part;
}

function look(of, width) {
    const [ink, soft, line, paper] = ["--ink", "--soft", "--line", "--paper"].map((name) => of.getPropertyValue(name).trim());
    const columns = Math.max(1, Math.floor(width / 268));
    const font = getComputedStyle(document.body).fontFamily;
    return {
        background: "transparent", font, aria: false, numberFormat: ",d",
        view: { stroke: null },
        axis: { labelColor: soft, titleColor: soft, titleFontWeight: 500, gridColor: line, gridOpacity: 0.7, domainColor: line, tickColor: line, labelFontSize: 12, titleFontSize: 12, titlePadding: 8 },
        axisX: { grid: false, tickCount: Math.max(3, Math.floor(width / 110)) },
        axisY: { domain: false, ticks: false, tickCount: 5, labelPadding: 6 },
        legend: { orient: "top", labelColor: ink, labelFontSize: 12, labelLimit: columns > 1 ? 235 : width - 70, columns, symbolSize: 60, columnPadding: 14, rowPadding: 3, offset: 12 },
        point: { stroke: paper, strokeWidth: 0.6 },
        bar: { stroke: paper, strokeWidth: 0.4 },
    };
}

async function draw(figure) {
    const place = figure.querySelector(".chart-view");
    const width = place.clientWidth;
    const of = styles();
    const spec = paint(JSON.parse(figure.querySelector("script.chart-spec").textContent), of);
    const rows = JSON.parse(document.getElementById(figure.dataset.rows).textContent);
    const whole = { ...spec, data: { name: "rows" }, datasets: { rows }, width, autosize: { type: "fit-x", contains: "padding" } };
    figure.view?.finalize();
    const { view } = await vegaEmbed(place, whole, {
        mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false, hover: true,
        config: look(of, width), tooltip: { disableDefaultStyle: true, theme: "landed" },
        // Charts have their rows with them: nothing is fetched, and links lead to this site.
        loader: { load: () => Promise.reject(new Error("charts load nothing")) , sanitize: async (address) => {
            const { origin, href } = new URL(address, document.baseURI);
            if (origin !== location.origin) throw new Error("not a page of this site");
            return { href };
        } },
    });
    // To screen readers the place is one picture with a name; its parts are not.
    place.querySelector("svg").setAttribute("aria-hidden", "true");
    figure.view = view;
    figure.width = width;
    figure.dataset.drawn = "yes";
}

async function begin(figure) {
    try {
        for (const address of figure.dataset.scripts.split(" ")) await load(address);
        await draw(figure);
        new ResizeObserver(() => { if (Math.abs(figure.querySelector(".chart-view").clientWidth - figure.width) > 8) draw(figure); }).observe(figure);
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(figure));
    } catch (error) {
        figure.querySelector(".chart-view").textContent = "The chart could not be drawn; the table has its figures.";
        figure.dataset.drawn = "no";
        throw error;
    }
}

const seen = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((each) => each.isIntersecting)) {
        seen.unobserve(entry.target);
        begin(entry.target);
    }
}, { rootMargin: "300px" });
for (const figure of document.querySelectorAll("figure.chart")) seen.observe(figure);
