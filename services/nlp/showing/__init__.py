"""Stories as pictures: a graph, its layout, its SVG, and a page that shows it live."""
