import { readFileSync, readdirSync } from "node:fs";
import { openModel } from "snellen/node";
const F="/work/zoo/cam/";
for (const j of readdirSync(F).filter(f=>f.endsWith(".json"))) {
  const d=JSON.parse(readFileSync(F+j,"utf8"));
  const buf=readFileSync(`${F}${d.name}.x.npy`); const hl=buf.readUInt16LE(8); const dims=/\(([^)]*)\)/.exec(buf.toString("latin1",10,10+hl))![1]!.split(",").map(Number);
  const [n,c,h,w]=dims as [number,number,number,number]; const all=new Float32Array(buf.buffer.slice(buf.byteOffset+10+hl));
  const images=Array.from({length:n},(_,i)=>({source:`x${i}`,shape:[c,h,w] as const,values:all.slice(i*c*h*w,(i+1)*c*h*w)}));
  for (const [file,value] of Object.entries(d.files) as any) {
    try {
      await using model=await openModel(F+file,{size:[h,w]});
      const def=model.info.layers.default; const out=[];
      for (const layer of ["auto",value]) { try {
        const maps=await model.cam(images as any,{layer,target:d.class}); let e=0,b=0; const size=d.cells.data.length/n;
        const same=maps[0]!.cells.values.length===size;
        if(same) maps.forEach((m,i)=>{for(let k=0;k<size;k++){const t=d.cells.data[i*size+k];e=Math.max(e,Math.abs(m.cells.values[k]!-t));b=Math.max(b,Math.abs(t));}});
        out.push(`${layer==="auto"?"default":"named"}: ${same?(e/b).toExponential(1):`grid ${maps[0]!.cells.dims} not ${d.grid}`} score ${Math.abs(maps[0]!.score-d.score[0]).toExponential(0)}`);
      } catch(e:any){out.push(`${layer==="auto"?"default":"named"}: ${e.code} ${e.message.slice(0,100)}`);} }
      console.log(file, "|", def?.value===value?"SAME LAYER":`default ${def?.value} / expected ${value}`, "|", out.join(" | "));
    } catch(e:any){console.log(file,"OPEN",e.code,e.message.slice(0,200));}
  }
}
