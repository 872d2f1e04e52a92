// Styles, labels and popups of the plan's map. All text goes into the page as text, never as HTML.
"use strict";

const sbd = {
  looks: {},

  style(feature) {
    return sbd.looks[feature.properties.look];
  },

  // A point is a label in words or signs, or else a dot.
  point(feature, place) {
    const { label, badge, bearing } = feature.properties;
    if (label === undefined) return L.circleMarker(place, sbd.style(feature));
    const box = sbd.element("span", label, `sbd-${badge}`);
    if (bearing !== undefined) box.style.transform = `translate(-50%, -50%) rotate(${bearing}deg)`;
    return L.marker(place, {
      icon: L.divIcon({ html: box, className: "sbd-label", iconSize: [0, 0] }),
      interactive: feature.properties.rows !== undefined,
      keyboard: false,
    });
  },

  describe(feature, layer) {
    const { tip, rows } = feature.properties;
    if (tip) layer.bindTooltip(() => sbd.element("span", tip), { sticky: true });
    if (rows) layer.bindPopup(() => sbd.card(feature.properties), { maxWidth: 340 });
  },

  // The newest layer comes to lie on top in Leaflet, in its list too; ours keep their order.
  byOrder(one, other) {
    return other.options.order - one.options.order;
  },

  start(map, { layers, bounds, attribution, labelZoom, widthZoom }) {
    map.attributionControl.setPrefix("Leaflet").addAttribution(sbd.element("span", attribution).innerHTML);
    L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
    const restack = () =>
      layers.forEach((layer) => {
        if (map.hasLayer(layer) && layer.bringToFront) layer.bringToFront();
      });
    map.on("overlayadd", restack);
    const box = map.getContainer();
    const showLabels = () => {
      box.classList.toggle("sbd-far", map.getZoom() < labelZoom);
      box.classList.toggle("sbd-near", map.getZoom() >= widthZoom);
    };
    map.on("zoomend", showLabels);
    sbd.placeLegend(box);
    sbd.foldLayers(box);
    // The head above the map opens and closes, and the map must know its new height.
    new ResizeObserver(() => map.invalidateSize()).observe(box);
    map.fitBounds(bounds, sbd.room(map));
    showLabels();
    restack();
  },

  placeLegend(box) {
    const legend = document.querySelector(".sbd-legend");
    L.DomEvent.disableClickPropagation(legend);
    L.DomEvent.disableScrollPropagation(legend);
    legend.open = sbd.wide(box);
    box.append(legend);
  },

  // Leaflet's own folded list opens on hovering only, which a finger can't.
  foldLayers(box) {
    const list = box.querySelector(".leaflet-control-layers-list");
    const fold = sbd.element("details", "");
    fold.open = sbd.wide(box);
    list.replaceWith(fold);
    fold.append(sbd.element("summary", "Layers"), list);
  },

  wide(box) {
    return box.clientWidth > 700;
  },

  // The list and the legend lie over the map: what matters is fitted between them if they leave room.
  room(map) {
    const width = (query) => document.querySelector(query)?.offsetWidth ?? 0;
    const left = width(".sbd-legend"), right = width(".leaflet-control-layers");
    const fits = left + right < map.getSize().x / 2;
    return { paddingTopLeft: [fits ? left : 20, 20], paddingBottomRight: [fits ? right : 20, 20] };
  },

  card({ title, rows, profile }) {
    const card = sbd.element("div", "", "sbd-card");
    card.append(sbd.element("h2", title));
    const table = sbd.element("table", "");
    for (const [name, value] of rows) {
      const row = sbd.element("tr", "");
      row.append(sbd.element("th", name), sbd.element("td", value));
      table.append(row);
    }
    card.append(table);
    if (profile && profile.length > 1) card.append(sbd.chart(profile), sbd.chartKey(profile));
    return card;
  },

  // What limits the speed, by colour and by line.
  limitLooks: {
    "engine": { stroke: "#0072b2", "stroke-width": 2.5 },
    "bend or gap": { stroke: "#d55e00", "stroke-width": 4.5 },
    "braking": { stroke: "#cc79a7", "stroke-width": 2.5, "stroke-dasharray": "4 3" },
    "top speed": { stroke: "#009e73", "stroke-width": 2.5, "stroke-dasharray": "1.5 2" },
  },

  limitName(limit) {
    if (!limit || limit === "entry") return "engine";
    return limit in sbd.limitLooks ? limit : "bend or gap";
  },

  limitLook(limit) {
    return sbd.limitLooks[limit];
  },

  // The profile in stretches of one limit; each begins where the one before ended.
  stretches(profile) {
    const found = [];
    profile.forEach((row, n) => {
      const limit = sbd.limitName(row[2]);
      const last = found[found.length - 1];
      if (last && last.limit === limit) last.rows.push(row);
      else found.push({ limit, rows: n ? [profile[n - 1], row] : [row] });
    });
    return found;
  },

  // Which looks a chart holds, in words.
  chartKey(profile) {
    const key = sbd.element("p", "", "sbd-key");
    for (const limit of new Set(profile.map((row) => sbd.limitName(row[2])))) {
      const sign = sbd.shape("svg", { width: 22, height: 8, "aria-hidden": "true" });
      sign.append(sbd.shape("line", { x1: 1, x2: 21, y1: 4, y2: 4, ...sbd.limitLook(limit) }));
      const entry = sbd.element("span", "");
      entry.append(sign, ` ${limit}`);
      key.append(entry);
    }
    return key;
  },

  // Speed over the way driven: [[distance_m, speed_kmh, what limits it], ...].
  chart(profile) {
    const width = 300, height = 110, left = 34, bottom = 26, top = 8, right = 8;
    const length = Math.max(...profile.map((row) => row[0]));
    const fastest = Math.max(10, Math.ceil(Math.max(...profile.map((row) => row[1])) / 10) * 10);
    const x = (metres) => left + ((width - left - right) * metres) / length;
    const y = (speed) => height - bottom - ((height - bottom - top) * speed) / fastest;
    const chart = sbd.shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
    chart.append(sbd.shape("title", {}, `Speed over ${Math.round(length)} m of run-up`));
    for (const speed of [0, fastest / 2, fastest]) {
      chart.append(
        sbd.shape("line", { x1: left, x2: width - right, y1: y(speed), y2: y(speed), stroke: "#ccc" }),
        sbd.shape("text", { x: left - 4, y: y(speed) + 4, "text-anchor": "end" }, `${speed}`),
      );
    }
    for (const { limit, rows } of sbd.stretches(profile)) {
      const corners = rows.map(([metres, speed]) => `${x(metres).toFixed(1)},${y(speed).toFixed(1)}`);
      chart.append(
        sbd.shape("polyline", { points: corners.join(" "), fill: "none", ...sbd.limitLook(limit) }),
      );
    }
    chart.append(
      sbd.shape("text", { x: left, y: height - 6 }, "0 m"),
      sbd.shape("text", { x: width - right, y: height - 6, "text-anchor": "end" }, `${Math.round(length)} m`),
      sbd.shape("text", { x: (left + width) / 2, y: height - 6, "text-anchor": "middle" },
        "speed [km/h] over the run-up"),
    );
    return chart;
  },

  element(tag, text, className) {
    const element = document.createElement(tag);
    element.textContent = text;
    if (className) element.className = className;
    return element;
  },

  shape(tag, attributes, text) {
    const shape = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    if (text) shape.textContent = text;
    return shape;
  },
};
