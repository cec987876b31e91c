/// The style sheet of a report.
enum ReportStyle {
  /// The colours of a palette as variables.
  private static func variables(_ palette: Palette) -> String {
    let roles: [(String, Paint)] = [
      ("surface", .surface), ("ink", .ink), ("muted", .muted), ("grid", .grid),
      ("series-0", .series(0)), ("series-1", .series(1)),
    ]
    return roles.map { "--\($0.0):\(Palette.hexadecimal(palette.color($0.1)))" }
      .joined(separator: ";")
  }

  static let text = """
    :root{color-scheme:light dark;\(variables(.light));--page:#f4f5f7}
    @media(prefers-color-scheme:dark){:root{\(variables(.dark));--page:#0d1117}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--page);color:var(--ink);
      font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
    main{max-width:1320px;margin:0 auto;padding:32px 24px 64px}
    h1{font-size:28px;line-height:1.2;margin:0 0 8px;overflow-wrap:anywhere}
    h2{font-size:18px;margin:40px 0 12px}
    p{margin:0 0 12px;color:var(--muted)}
    code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
      overflow-wrap:anywhere}
    .command{display:block;background:var(--surface);border:1px solid var(--grid);
      border-radius:8px;padding:10px 14px;color:var(--muted)}
    .highlights{display:grid;gap:12px;margin-top:20px;
      grid-template-columns:repeat(auto-fit,minmax(150px,1fr))}
    .card{background:var(--surface);border:1px solid var(--grid);border-radius:12px;padding:16px}
    .highlights b{display:block;font-size:26px;line-height:1.2;font-weight:650;
      font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
    .highlights span,.small{color:var(--muted);font-size:13px}
    .below{margin-top:16px}
    .stack{display:grid;gap:16px;align-content:start}
    .narrow{display:none}
    .plots{display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr))}
    .plot{padding:4px}
    .plots.top{align-items:start}
    .card svg{display:block;max-width:100%;height:auto;margin:0 auto}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
    th,td{text-align:right;padding:7px 10px;border-bottom:1px solid var(--grid);
      vertical-align:top;white-space:nowrap}
    th{color:var(--muted);font-weight:500;font-size:13px}
    th:first-child,td:first-child{text-align:left;white-space:normal;min-width:8em;
      overflow-wrap:break-word}
    .pairs th:nth-child(2),.pairs td:nth-child(2){text-align:left;white-space:normal;
      overflow-wrap:break-word}
    tr:last-child td{border-bottom:0}
    .settings td{text-align:left;white-space:normal;overflow-wrap:anywhere}
    .settings td:first-child{color:var(--muted);width:34%}
    .pictures{display:grid;gap:14px;grid-template-columns:repeat(auto-fill,minmax(150px,1fr))}
    figure{margin:0;background:var(--surface);border:1px solid var(--grid);border-radius:12px;
      overflow:hidden}
    figure img,.none{display:block;width:100%;aspect-ratio:1;object-fit:cover;
      background:var(--grid)}
    .none{display:grid;place-items:center;color:var(--muted);font-size:13px}
    figcaption{padding:10px 12px;font-size:13px;line-height:1.45}
    figcaption b{font-weight:600}
    .wrong b{color:var(--series-1)}
    .name{display:block;color:var(--muted);white-space:nowrap;overflow:hidden;
      text-overflow:ellipsis}
    .bar{height:4px;background:var(--grid);border-radius:2px;margin:6px 0 8px}
    .bar i{display:block;height:4px;border-radius:2px;background:var(--series-0)}
    .wrong .bar i{background:var(--series-1)}
    @media(max-width:600px){main{padding:20px 14px 40px}h1{font-size:23px}
      .scroll svg{max-width:none;margin:0}
      .narrow{display:block}.wide{display:none}
      .pictures{grid-template-columns:repeat(2,1fr);gap:10px}.card{padding:12px}
      .highlights{grid-template-columns:repeat(2,1fr)}.highlights b{font-size:21px}
      th,td{padding:6px 7px}}
    @media print{body{background:#fff}.card,figure{break-inside:avoid}}
    """
}
