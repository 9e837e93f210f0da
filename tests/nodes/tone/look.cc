<ColorCorrection id="graded"><SOPNode><Slope>0.99 1 0.985</Slope><Offset>0 0 0</Offset><Power>1 1 1</Power></SOPNode></ColorCorrection>
